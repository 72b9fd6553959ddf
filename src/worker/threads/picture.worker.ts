/** A thread that decodes pictures for the data worker. */
import { browserDecoder } from '../../platform/browser/imageCodecs'
import { servePictures } from '../../platform/pictures/pictureThreads'

servePictures(browserDecoder)

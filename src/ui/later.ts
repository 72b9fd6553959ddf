/** What every visit needs soon, but no first screen: the type it is set in, the looks of dialogs, what waits in the queue. */
import '@fontsource-variable/inter'
import './styles/mantine-later.css'
import { startQueue } from './store/queue'

startQueue()

/**
 * zod as the page's policy wants it, whichever of its builds.
 *
 * Before it parses the first object, zod tries `new Function('')` to learn whether it may compile its parsers. The
 * policy forbids that, which zod survives, but a browser reports each try as a violation, and a person or a host that
 * watches for them could not tell it from an attack. `jitless` leaves the try out (zod, `util.allowsEval`). It has to
 * be set before a schema is built, hence in a module that comes before those that schemas are built from.
 */
import { config } from 'zod/v4/core'

config({ jitless: true })

/** zod for everybody but the settings of runs (settingTypes.ts): `z` is taken from here, configured. */
import './zodConfig'
import { z } from 'zod'

// Also for the settings' types, whose small build has no words of its own.
z.config(z.locales.en())

export { z }

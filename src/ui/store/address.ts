/** The settings in the page's address, and what else it carries. */
import type { RunConfig } from '../../core/config/schema'
import { configFromQuery } from '../../core/config/url'
import { deviceOfAddress } from './deviceOfAddress'

/** Query parameters of the page that are no settings of the run. */
export const OWN_PARAMETERS = ['device', 'tune', 'f16']

function settingsQuery(): URLSearchParams {
  const query = new URLSearchParams(location.search)
  for (const name of OWN_PARAMETERS) query.delete(name)
  return query
}

/** What the address says, and what of it does not fit. */
export function readAddress(): { config: RunConfig; messages: string[] } {
  const { message } = deviceOfAddress(new URLSearchParams(location.search))
  const { config, messages } = configFromQuery(settingsQuery().toString())
  return { config, messages: message ? [message, ...messages] : messages }
}

/** What the address asks for; undefined where it says nothing of settings. */
export const linkOfAddress = (): RunConfig | undefined =>
  settingsQuery().size > 0 ? readAddress().config : undefined

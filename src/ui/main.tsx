/** Starts the page: form from the address, React, and once that can be used the worker and all that can wait. */
import './styles/mantine.css'
import './styles/page.css'
import './styles/form.css'
import './styles/network.css'
import './styles/runs.css'
import './styles/figures.css'
import './styles/data.css'
import './styles/step.css'
import './styles/access.css'
import './styles/print.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './App'
import { keepTitle } from './controls/pageTitle'
import { ignoreStrayDrops } from './files/strayDrops'
import { watchPrinting } from './printing'
import { startLab } from './store/commands'
import { bindAddress, guardUnsaved } from './store/form'
import { mendLostGpus } from './store/recovery'
import { whenUsable } from './usable'

bindAddress()
ignoreStrayDrops()
guardUnsaved()
keepTitle()
watchPrinting()
mendLostGpus()
void whenUsable.then(startLab)
// Whatever of it cannot be had is missing without harm: the type, or the queue, which then waits for the next visit.
void whenUsable.then(() => import('./later')).catch(() => {})
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <App />
  </StrictMode>,
)

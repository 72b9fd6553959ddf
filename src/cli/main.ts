/** The command line: `npm run train -- …` and its siblings. */
import { Command } from 'commander'
import { addConformanceCommand } from '../../conformance/conformanceCommand'
import { toPlain } from '../base/errors'
import { addDataCommand } from './commands/dataCommand'
import { addExperimentCommand } from './commands/experimentCommand'
import { addExportCommand } from './commands/exportCommand'
import { addMeasureCommand } from './commands/measureCommand'
import { addProfileCommand } from './commands/profileCommand'
import { addRunsCommand } from './commands/runsCommand'
import { addSummaryCommand } from './commands/summaryCommand'
import { addSweepCommand } from './commands/sweepCommand'
import { addTrainCommand } from './commands/trainCommand'

const program = new Command('basin')
  .description('A laboratory for Sharpness-Aware Minimization.')
  .helpCommand(false)
  .configureHelp({ showGlobalOptions: false })
addTrainCommand(program)
addConformanceCommand(program)
addExperimentCommand(program)
addDataCommand(program)
addExportCommand(program)
addProfileCommand(program)
addMeasureCommand(program)
addRunsCommand(program)
addSummaryCommand(program)
addSweepCommand(program)

try {
  await program.parseAsync()
} catch (error) {
  const { code, message, remedy } = toPlain(error)
  console.error(`error: ${message}${remedy && `\n${remedy}`}`)
  // A bug of ours: where it happened helps whoever reports it.
  if (code === 'internal' && error instanceof Error) console.error(error.stack)
  process.exitCode = 1
}
// The GPU's threads would keep the process alive.
process.exit()

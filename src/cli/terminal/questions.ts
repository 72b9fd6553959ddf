/** What the command line asks a person. Without a terminal nobody can answer. */
import { createInterface } from 'node:readline/promises'
import { BasinError } from '../../base/errors'

/** Yes or no. @throws BasinError `config` without a terminal */
export async function ask(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new BasinError('config', `${question.split('\n')[0]}`, 'Give --yes to go on all the same.')
  }
  return /^y(es)?$/i.test(await answerTo(`${question} [y/N] `))
}

/** One of the runs below a folder; undefined without a terminal, or where the answer is none of them. */
export async function askWhichRun(where: string, runs: readonly string[]): Promise<string | undefined> {
  if (!process.stdin.isTTY) return undefined
  const list = runs.map((run, i) => `  ${i + 1}  ${run}`).join('\n')
  const answer = await answerTo(
    `${where} holds ${runs.length} runs:\n${list}\nWhich one? [1–${runs.length}] `,
  )
  return /^\d{1,9}$/.test(answer) ? runs[Number(answer) - 1] : undefined
}

async function answerTo(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return (await terminal.question(question)).trim()
  } finally {
    terminal.close()
  }
}

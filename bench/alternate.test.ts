import { expect, it } from 'vitest'
import { alternate, OverTime, type Runner, within } from './alternate'

const options = { seconds: 0, limitSeconds: 10 }

function fake(name: string, log: string[], turns: { steps: number; ms: number }[]): Runner {
  let turn = 0
  return {
    name,
    async run() {
      log.push(name)
      return turns[turn++ % turns.length]
    },
  }
}

it('gives turns A-B-A-B and reports ms a step', async () => {
  const log: string[] = []
  const a = fake('a', log, [
    { steps: 10, ms: 20 },
    { steps: 1, ms: 4 },
  ])
  const b = fake('b', log, [{ steps: 2, ms: 10 }])
  const outcomes = await alternate([a, b], options)
  expect(log).toEqual(['a', 'b', 'a', 'b'])
  expect(outcomes.get('a')).toEqual({ min: 2, median: 3 })
  expect(outcomes.get('b')).toEqual({ min: 5, median: 5 })
})

it('leaves out who fails, with the reason, and goes on with the others', async () => {
  const log: string[] = []
  const bad: Runner = { name: 'bad', run: () => Promise.reject(new Error('no gradient for Foo')) }
  const outcomes = await alternate([bad, fake('good', log, [{ steps: 1, ms: 1 }])], options)
  expect(outcomes.get('bad')).toEqual({ error: 'no gradient for Foo' })
  expect(log).toEqual(['good', 'good'])
})

it('says over N s in the place of one that does not answer', async () => {
  const stuck: Runner = { name: 'stuck', run: () => new Promise(() => {}) }
  const outcomes = await alternate([stuck], { seconds: 0, limitSeconds: 0.01 })
  expect(outcomes.get('stuck')).toEqual({ error: 'over 0.01 s' })
})

it('keeps what was measured before a failure', async () => {
  let turns = 0
  const late: Runner = {
    name: 'late',
    run: async () => {
      if (turns++ > 0) throw new Error('device lost')
      return { steps: 1, ms: 3 }
    },
  }
  expect((await alternate([late], options)).get('late')).toEqual({ min: 3, median: 3 })
})

it('hands a result on in time and refuses one that is late', async () => {
  expect(await within(Promise.resolve(1), 1000)).toBe(1)
  await expect(within(new Promise(() => {}), 5)).rejects.toBeInstanceOf(OverTime)
})

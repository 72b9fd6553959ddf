/** bull-board over the queue, for this machine alone. */
import type { AddressInfo } from 'node:net'
import type { SweepQueue } from './sweepQueue'

/** @returns its address */
export async function startDashboard({ queue }: SweepQueue, port: number): Promise<string> {
  const [{ createBullBoard }, { BullMQAdapter }, { ExpressAdapter }, { default: express }] =
    await Promise.all([
      import('@bull-board/api'),
      import('@bull-board/api/bullMQAdapter'),
      import('@bull-board/express'),
      import('express'),
    ])
  const serverAdapter = new ExpressAdapter()
  createBullBoard({ queues: [new BullMQAdapter(queue)], serverAdapter })
  const app = express()
  app.use(serverAdapter.getRouter())
  return new Promise((resolve, reject) => {
    // Whoever reaches it may remove jobs: it is not for the network.
    const server = app.listen(port, '127.0.0.1', (error?: Error) => {
      if (error) reject(error)
      else resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    })
  })
}

/** bull-board over the queue, for this machine alone. */
import type { AddressInfo } from 'node:net'
import type { SweepQueue } from './sweepQueue'

export interface Dashboard {
  address: string
  close(): void
}

export async function startDashboard({ queue }: SweepQueue, port: number): Promise<Dashboard> {
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
  app.use(({ headers }, response, next) => {
    if (isOurs(headers)) next()
    else response.status(403).end('This page is for the machine that it runs on.')
  })
  app.use(serverAdapter.getRouter())
  return new Promise((resolve, reject) => {
    // Whoever reaches it may remove jobs: it is not for the network.
    const server = app.listen(port, '127.0.0.1', (error?: Error) => {
      if (error) reject(error)
      else {
        const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
        resolve({ address, close: () => server.close() })
      }
    })
  })
}

/** Another site's page in the same browser may send requests here, under its own name or one that leads here. */
function isOurs({ host = '', origin }: { host?: string; origin?: string }): boolean {
  return (
    /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host) && (origin === undefined || origin === `http://${host}`)
  )
}

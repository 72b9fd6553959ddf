/** `npm run dev`: the sources served as they are, with modules in another order than in the built page. */
import { createServer } from 'vite'
import { address, button, expectState, SMALL_RUN, test } from './lab'

const PORT = Number(process.env.BASIN_TEST_PORT ?? 4179) + 1

test.use({ newBrowser: true })

test('the development server’s page trains', async ({ page }) => {
  const server = await createServer({ server: { port: PORT, strictPort: true }, logLevel: 'error' })
  await server.listen()
  try {
    await page.goto(new URL(address({ ...SMALL_RUN, num_epochs: '1' }), `http://127.0.0.1:${PORT}`).href)
    await button(page, 'Train').click()
    await expectState(page, 'finished', 90_000)
  } finally {
    await server.close()
  }
})

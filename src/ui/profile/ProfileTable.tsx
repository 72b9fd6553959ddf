/** A profiled step as a table: kernels, how often, how long, how near to the device's fastest matrix product. */
import type { KernelRow, ProfileResult } from '../../worker/protocol'
import { formatCount, formatNumber, formatPercent } from '../format'
import { ScrollRegion } from '../panels/ScrollRegion'

export function ProfileTable({ profile: { step, peakGflops, number } }: { profile: ProfileResult }) {
  const { timed, rows, dispatches, deviceMs } = step
  const total = deviceMs === undefined ? '' : `, ${formatNumber(deviceMs)} ms on the GPU`
  return (
    <>
      <p className="profile-note">
        Step {formatCount(number)} of every run together: {formatCount(dispatches)} dispatches{total}. Fastest
        matrix product here: {formatNumber(peakGflops)} GFLOP/s.
        {!timed &&
          ' This GPU or browser has no timestamp-query, so kernels can be counted, but not timed. Chrome has it on most GPUs.'}
      </p>
      <ScrollRegion label="Kernels of one step">
        <table className="compare">
          <caption className="visually-hidden">Kernels of one step</caption>
          <thead>
            <tr>
              <th scope="col">Kernel</th>
              <th scope="col">Dispatches</th>
              <th scope="col">ms</th>
              <th scope="col">Share</th>
              <th scope="col">GFLOP/s</th>
              <th scope="col">Of peak</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Line key={row.kernel} row={row} peakGflops={peakGflops} />
            ))}
          </tbody>
        </table>
      </ScrollRegion>
    </>
  )
}

function Line({ row, peakGflops }: { row: KernelRow; peakGflops: number }) {
  const { kernel, count, ms, share, gflops } = row
  return (
    <tr>
      <th scope="row" className="kernel">
        {kernel}
      </th>
      <td>{formatCount(count)}</td>
      <td>{formatNumber(ms)}</td>
      <td>{formatPercent(share)}</td>
      <td>{gflops === undefined ? '' : formatNumber(gflops)}</td>
      <td>{gflops === undefined || !(peakGflops > 0) ? '' : formatPercent(gflops / peakGflops)}</td>
    </tr>
  )
}

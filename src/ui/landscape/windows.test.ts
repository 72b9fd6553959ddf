import { describe, expect, it } from 'vitest'
import { draggedWindow, windowText } from './windows'

const whole = { x: [-1, 1], y: [0, 10] } as const

describe('a rectangle that is dragged', () => {
  it('is a part of the plane, whichever corner came first, within its edges', () => {
    const window = draggedWindow(whole, { across: 0.75, up: 0.1 }, { across: 0.25, up: 1.4 })
    expect(window).toEqual({ x: [-0.5, 0.5], y: [1, 10] })
    expect(windowText(window!)).toBe('-0.5,0.5,1,10')
  })

  it('is none where somebody only clicked, or drew a line', () => {
    expect(draggedWindow(whole, { across: 0.5, up: 0.5 }, { across: 0.5, up: 0.5 })).toBeUndefined()
    expect(draggedWindow(whole, { across: 0.1, up: 0.5 }, { across: 0.9, up: 0.51 })).toBeUndefined()
  })
})

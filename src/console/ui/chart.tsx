import type { ChartConfiguration, Plugin } from 'chart.js'
import { useEffect, useRef } from 'react'

/** Tokens a chart is drawn with, read from the page, so that it follows the theme. */
export interface Ink {
  ink: string
  quiet: string
  line: string
  accent: string
  soft: string
}

interface ChartProps {
  /** what the chart shows, in words: the whole of it for who can't see it */
  label: string
  heightPx: number
  draw(ink: Ink): ChartConfiguration
}

/** A chart on a canvas. It is drawn anew when `draw` or the theme changes; the figures stand beside it as text. */
export function Chart({ label, heightPx, draw }: ChartProps) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    let chart: { destroy(): void } | undefined
    let gone = false
    const dark = window.matchMedia?.('(prefers-color-scheme: dark)')
    async function redraw() {
      const { Chart: Drawn } = await import('./chart-js')
      chart?.destroy()
      const place = canvas.current?.getContext('2d')
      if (!gone && place) chart = new Drawn(place, draw(inkOf(canvas.current!)))
    }
    void redraw()
    dark?.addEventListener('change', redraw)
    return () => {
      gone = true
      chart?.destroy()
      dark?.removeEventListener('change', redraw)
    }
  }, [draw])
  return (
    <div className="c-chart" style={{ height: `${heightPx}px` }}>
      <canvas ref={canvas} role="img" aria-label={label} />
    </div>
  )
}

function inkOf(element: Element): Ink {
  const style = getComputedStyle(element)
  const token = (name: string) => style.getPropertyValue(name).trim()
  return {
    ink: token('--ink'),
    quiet: token('--ink-2'),
    line: token('--line'),
    accent: token('--accent'),
    soft: token('--accent-soft'),
  }
}

/** Shades the chart from one place of the x axis to another, behind what is drawn. Places are indexes of its labels. */
export function shade(from: number, to: number, colour: string, halfStep: boolean): Plugin {
  return {
    id: 'shade',
    beforeDatasetsDraw({ ctx, chartArea, scales }) {
      const x = scales.x
      if (!x || to < from) return
      const step = x.getPixelForValue(1) - x.getPixelForValue(0)
      const margin = halfStep ? step / 2 : 0
      const left = Math.max(chartArea.left, x.getPixelForValue(from) - margin)
      const right = Math.min(chartArea.right, x.getPixelForValue(to) + margin)
      ctx.save()
      ctx.fillStyle = colour
      ctx.fillRect(left, chartArea.top, right - left, chartArea.height)
      ctx.restore()
    },
  }
}

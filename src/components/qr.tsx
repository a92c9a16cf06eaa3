import { encode } from 'uqr'
import { Box } from './base'

interface QrProps {
  text: string
  /** read out instead of it */
  label: string
  /** gives it its size; it is as wide as high */
  className: string
}

/**
 * A picture for a telephone's camera: black on white in both themes, with the four modules of margin that readers want. A background,
 * since that is drawn alike in a browser and in WeChat.
 */
export function Qr({ text, label, className }: QrProps) {
  const picture = `url("data:image/svg+xml,${encodeURIComponent(svgOf(text))}")`
  return (
    <Box
      className={className}
      style={{ background: `${picture} center / contain no-repeat` }}
      role="img"
      label={label}
    />
  )
}

function svgOf(text: string): string {
  const { data, size } = encode(text, { ecc: 'M', border: 4 })
  // a run of dark modules is one piece
  let path = ''
  data.forEach((row, y) => {
    const line = row.map((dark) => (dark ? '1' : '0')).join('')
    line.replace(/1+/g, (run, index: number) => {
      path += `M${index} ${y}h${run.length}v1h-${run.length}z`
      return run
    })
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${size}v${size}H0z"/><path d="${path}"/></svg>`
}

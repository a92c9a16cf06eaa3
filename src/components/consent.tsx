import { Box, Press } from './base'
import './consent.scss'

interface ConsentProps {
  agreed: boolean
  onChange(agreed: boolean): void
  children: string
}

/** Nothing is agreed to by itself. */
export function Consent({ agreed, onChange, children }: ConsentProps) {
  return (
    <Press className="consent" chosen={agreed} label={children} onPress={() => onChange(!agreed)}>
      <Box className={`consent__box ${agreed ? 'consent__box--on' : ''}`} silent />
      <Box className="consent__words">{children}</Box>
    </Press>
  )
}

import type { PropsWithChildren } from 'react'
import './tokens.scss'
import './app.scss'

export default function App({ children }: PropsWithChildren) {
  return children
}

import type { BoxProps, PressProps } from './base-props'

/** Real HTML elements: keyboards and screen readers know them, and Taro's own add a stock look and a render late. */
export function Box({ className, style, children, role, level = 1, label, silent, live }: BoxProps) {
  return (
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: the role is the caller's
    <div
      className={className}
      style={style}
      role={role}
      aria-level={role === 'heading' ? level : undefined}
      aria-label={label}
      aria-hidden={silent}
      aria-live={live}
    >
      {children}
    </div>
  )
}

export function Words({ className, style, children, role, label, silent, live }: BoxProps) {
  return (
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: the role is the caller's
    <span className={className} style={style} role={role} aria-label={label} aria-hidden={silent} aria-live={live}>
      {children}
    </span>
  )
}

export function Press({ className = '', children, label, disabled, chosen, onPress }: PressProps) {
  return (
    <button
      type="button"
      className={`press ${disabled ? 'press--off' : ''} ${className}`}
      aria-label={label}
      aria-pressed={chosen}
      disabled={disabled}
      // a mouse leaves no focus behind, so that Enter on the keyboard still pays instead of pressing that key again
      onMouseDown={(event) => event.preventDefault()}
      onClick={onPress}
    >
      {children}
    </button>
  )
}

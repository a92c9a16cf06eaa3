import type { ApiError } from '../api'
import { readingFault } from '../sentences'
import { Notice } from './notice'

/** Instead of a page that could not be read; while it waits to be asked again by itself there is nothing to press. */
export function Unread({ error, onRetry }: { error: ApiError; onRetry(): void }) {
  return (
    <Notice mark="!" {...readingFault(error)} action={error.waits ? undefined : { label: '重试', onPress: onRetry }} />
  )
}

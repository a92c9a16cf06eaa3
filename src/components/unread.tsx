import type { ApiError } from '../api'
import { readingFault } from '../sentences'
import { Notice } from './notice'

/** Instead of a page that could not be read; while it waits to be asked again by itself there is nothing to press. */
export function Unread({ error, inside, onRetry }: { error: ApiError; inside?: boolean; onRetry(): void }) {
  return (
    <Notice
      mark="!"
      inside={inside}
      {...readingFault(error)}
      action={error.waits ? undefined : { label: '重试', onPress: onRetry }}
    />
  )
}

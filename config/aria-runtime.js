import { mergeInternalComponents } from '@tarojs/shared'
import aria from './aria.cjs'

mergeInternalComponents(aria)

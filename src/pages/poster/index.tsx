import type { MerchantView } from '@contract'
import { useRouter } from '@tarojs/taro'
import { useEffect, useState } from 'react'
import { api } from '../../api'
import { Box } from '../../components/base'
import { Button } from '../../components/button'
import { Notice } from '../../components/notice'
import { Skeleton } from '../../components/skeleton'
import { Unread } from '../../components/unread'
import { merchantOf } from '../../entry'
import { host } from '../../platform/host'
import { saveFile } from '../../platform/save'
import { useAnswer } from '../../use-answer'
import { drawPoster, POSTER } from './draw'
import { type Paper, pdfOf } from './pdf'
import './index.scss'

const HEIGHTS = [480, 48, 48]

/**
 * The shop's code to be printed, as a picture and as a PDF. In a browser only: it draws, and hands out files. Nobody is logged in for what
 * everybody reads at the counter, so that the print shop's computer opens it too.
 */
export default function PosterPage() {
  const merchantCode = merchantOf(useRouter().params) ?? ''
  const [page, read] = useAnswer(() => api.merchant(merchantCode), merchantCode)
  return (
    <Box className="page" role="main">
      <Box className="heard" role="heading">
        收款码海报
      </Box>
      {page.kind === 'waiting' && <Skeleton heights={HEIGHTS} />}
      {page.kind === 'failed' &&
        (page.error.missing ? (
          <Notice inside mark="!" title="没有找到这家商户" text="请从收款记录里打开" />
        ) : (
          <Unread inside error={page.error} onRetry={read} />
        ))}
      {page.kind === 'ready' && <Poster shop={page.value} />}
    </Box>
  )
}

function Poster({ shop }: { shop: MerchantView }) {
  const [canvas, setCanvas] = useState<HTMLCanvasElement>()
  useEffect(() => setCanvas(drawn(shop)), [shop])
  if (!canvas) return <Skeleton heights={HEIGHTS} />
  const name = `收款码-${shop.code}`
  const pdf = (paper: Paper) => () =>
    saveFile(new Blob(pdfOf(bytesOf(canvas.toDataURL('image/jpeg', 0.95)), POSTER, paper)), `${name}-${paper}.pdf`)
  // a browser inside another app saves no files
  const inApp = host.platform !== 'browser'
  return (
    <>
      <img className="poster" src={canvas.toDataURL()} alt={`${shop.name}的收款码海报`} />
      <Box className="poster__hint">
        {inApp
          ? '长按图片可以保存。要 PDF，请点右上角“…”，选择在浏览器打开'
          : '打印后请先用手机扫一扫，核对店名，再张贴。手机上长按图片也可以保存'}
      </Box>
      {!inApp && (
        <>
          <Button kind="main" onPress={pdf('A6')}>
            保存 PDF（A6，放在台上）
          </Button>
          <Button kind="quiet" onPress={pdf('A4')}>
            保存 PDF（A4，贴在墙上）
          </Button>
          <Button kind="quiet" onPress={() => canvas.toBlob((blob) => blob && saveFile(blob, `${name}.png`))}>
            保存图片（PNG）
          </Button>
        </>
      )}
    </>
  )
}

function drawn(shop: MerchantView): HTMLCanvasElement {
  const canvas = Object.assign(document.createElement('canvas'), POSTER)
  drawPoster(canvas.getContext('2d')!, shop, `${location.origin}/q/${shop.code}`)
  return canvas
}

function bytesOf(dataUrl: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(dataUrl.slice(dataUrl.indexOf(',') + 1)), (char) => char.charCodeAt(0))
}

import { type Agent, agentOf } from '../../src/platform/agent'

/** What browsers say of themselves, as their makers and users publish it; shortened nowhere, since order and neighbours matter. */
const IPHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)'
const ANDROID =
  'Mozilla/5.0 (Linux; Android 13; 22041211AC Build/TP1A.220624.014; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0'
const WINDOWS =
  'Mozilla/5.0 (Windows NT 10.0; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/107.0.0.0 Safari/537.36'
const CLOUDPAY = `${IPHONE} Mobile/15E148/sa-sdk-ios (com.unionpay.chsp) (cordova 4.5.4) (updebug 0) (version 908) UnionPay/1.0 CloudPay (clientVersion 183)`

const at = (platform: Agent['platform'], more: Partial<Agent> = {}): Agent => ({
  platform,
  webView: false,
  unionPayApp: null,
  ...more,
})
const wechat = at('wechat-h5')
const webView = at('wechat-h5', { webView: true })
const alipay = at('alipay-h5')
const browser = at('browser')
const unionpay = (unionPayApp: string) => at('unionpay-h5', { unionPayApp })

const TABLE: [name: string, agent: Agent, userAgent: string][] = [
  ['WeChat on iOS', wechat, `${IPHONE} Mobile/15E148 MicroMessenger/8.0.40(0x18002831) NetType/WIFI Language/zh_CN`],
  [
    'WeChat on Android',
    wechat,
    `${ANDROID} Chrome/107.0.5304.141 Mobile Safari/537.36 XWEB/5061 MMWEBSDK/20230405 MMWEBID/9516 MicroMessenger/8.0.35.2360(0x2800235D) WeChat/arm64 Weixin NetType/WIFI Language/zh_CN ABI/arm64`,
  ],
  [
    'WeChat on HarmonyOS',
    wechat,
    'Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.0.0 Safari/537.36 ArkWeb/4.1.6.1 Mobile MicroMessenger/8.0.7.34(0x28000734) NetType/WIFI Language/zh_CN',
  ],
  [
    'WeChat on Windows',
    wechat,
    `${WINDOWS} NetType/WIFI MicroMessenger/7.0.20.1781(0x6700143B) WindowsWechat(0x63090719) XWEB/8391 Flue`,
  ],
  [
    'WeChat on macOS',
    wechat,
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) MacWechat/3.8.6(0x13080610) NetType/WIFI MicroMessenger/6.8.0(0x16080000) Flue',
  ],
  [
    'a mini-program’s web-view on Android',
    webView,
    `${ANDROID} Chrome/116.0.0.0 Mobile Safari/537.36 XWEB/1160065 MMWEBSDK/20231202 MMWEBID/9161 MicroMessenger/8.0.47.2560(0x28002F50) WeChat/arm64 Weixin NetType/WIFI Language/zh_CN ABI/arm64 miniProgram/wx5b7c0e3d9a1f2468`,
  ],
  [
    'a mini-program’s web-view on iOS',
    webView,
    `${IPHONE} Mobile/15E148 MicroMessenger/8.0.47(0x18002f2c) NetType/4G Language/zh_CN miniProgram/wx5b7c0e3d9a1f2468`,
  ],
  [
    'a mini-program on Windows',
    webView,
    `${WINDOWS} MicroMessenger/7.0.20.1781(0x6700143B) NetType/WIFI MiniProgramEnv/Windows WindowsWechat/WMPF WindowsWechat(0x63090a13) XWEB/8555`,
  ],
  [
    'WeCom, whose people are a company’s',
    browser,
    `${IPHONE} Mobile/15E148 wxwork/4.1.10 MicroMessenger/7.0.1 Language/zh ColorScheme/Light`,
  ],
  [
    'Alipay on iOS',
    alipay,
    `${IPHONE} Mobile/19E241 Ariver/1.1.0 AliApp(AP/10.3.0.6000) Nebula WK RVKType(0) AlipayDefined(nt:WIFI,ws:390|780|3.0) AlipayClient/10.3.0.6000 Language/zh-Hans Region/CN NebulaX/1.0.0`,
  ],
  [
    'Alipay on Android',
    alipay,
    'Mozilla/5.0 (Linux; U; Android 10; zh-CN; MI 9 Build/QKQ1.190825.002) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/69.0.3497.100 UWS/3.22.1.111 Mobile Safari/537.36 UCBS/3.22.1.111_201123181450 NebulaSDK/1.8.100112 Nebula AlipayDefined(nt:WIFI,ws:393|0|2.75) AliApp(AP/10.2.6.7010) AlipayClient/10.2.6.7010 Language/zh-Hans useStatusBar/true isConcaveScreen/true Region/CNAriver/1.0.0',
  ],
  ['云闪付', unionpay('CloudPay'), CLOUDPAY],
  [
    'a bank’s app of UnionPay’s',
    unionpay('CCBLoongPay'),
    `${IPHONE} Mobile/15E148 CCBSDK/2.4.0 UnionPay/1.0 CCBLoongPay`,
  ],
  ['another bank’s', unionpay('BoComMDB'), `${ANDROID} Chrome/99.0.4844.88 Mobile Safari/537.36 UnionPay/1.0 BoComMDB`],
  [
    'a wallet of UnionPay’s',
    unionpay('JDJR'),
    `${ANDROID} Chrome/99.0.4844.88 Mobile Safari/537.36 UnionPay/1.0 JDJR jdmall;android;`,
  ],
  [
    'the bank’s own app, as UnionPay has it',
    at('bank-h5', { unionPayApp: 'FapaiBank' }),
    `${IPHONE} Mobile/15E148 UnionPay/1.0 FapaiBank`,
  ],
  [
    'the bank’s own app, by its own word',
    at('bank-h5'),
    `${ANDROID} Chrome/99.0.4844.88 Mobile Safari/537.36 FapaiBank/3.1`,
  ],
  [
    'an app whose name ends like the bank’s',
    browser,
    `${ANDROID} Chrome/99.0.4844.88 Mobile Safari/537.36 NotFapaiBank/3.1`,
  ],
  ['Safari', browser, `${IPHONE} Version/16.6 Mobile/15E148 Safari/604.1`],
  [
    'Chrome',
    browser,
    'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36',
  ],
  [
    'QQ',
    browser,
    `${ANDROID} Chrome/89.0.4389.72 MQQBrowser/6.2 TBS/046017 Mobile Safari/537.36 V1_AND_SQ_8.8.88_2770_YYB_D A_8088800 QQ/8.8.88.7830 NetType/WIFI WebP/0.3.0 Pixel/1080`,
  ],
  [
    'DingTalk, an AliApp that is no Alipay',
    browser,
    `${IPHONE} Mobile/15E148 AliApp(DingTalk/6.5.45) com.laiwang.DingTalk/28561538 Channel/201200 language/zh-Hans-CN UT4Aplus/0.0.6 WK`,
  ],
  ['Taobao', browser, `${IPHONE} Mobile/15E148 AliApp(TB/10.22.10) WindVane/8.7.2 1170x2532 WK`],
  ['Douyin', browser, `${IPHONE} Mobile/15E148 aweme_26.5.0 JsSdk/2.0 NetType/WIFI Channel/App Store ByteLocale/zh`],
  ['nothing', browser, ''],
  ['words without their slash', browser, 'MicroMessenger AlipayClient UnionPay'],
  ['UnionPay without an app', browser, `${IPHONE} UnionPay/1.0`],
]

it.each(TABLE)('%s', (_, agent, userAgent) => {
  expect(agentOf(userAgent, 'FapaiBank')).toEqual(agent)
})

it('another bank’s own app is another name', () => {
  expect(agentOf(CLOUDPAY, 'CloudPay').platform).toBe('bank-h5')
  expect(agentOf(`${IPHONE} FapaiBank/3.1`, 'PSBC').platform).toBe('browser')
})

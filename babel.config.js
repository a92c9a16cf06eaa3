// The oldest engines of WeChat: iOS 11 and the Android web views of Chrome 66. Named here as well as in .browserslistrc
// (for styles): Babel would read `android` there as the old stock browser and translate everything down to ES5.
module.exports = {
  presets: [['taro', { framework: 'react', ts: true, compiler: 'webpack5', targets: { ios: '11', chrome: '66' } }]],
}

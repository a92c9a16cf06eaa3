// The oldest engines of WeChat: iOS 11 and the Android web views of Chrome 66. Named here as well as in .browserslistrc
// (for styles): Babel would read `android` there as the old stock browser and translate everything down to ES5.
// Templates stay templates, which is a few KB less: what iOS before 13 gets wrong is how often a tagged one is made, and we have none.
const targets = { ios: '11', chrome: '66' }
const exclude = ['transform-template-literals']

module.exports = {
  presets: [['taro', { framework: 'react', ts: true, compiler: 'webpack5', targets, exclude }]],
}

// Words of the pages for deadline rules and the working-day calendar. Codes are the wire's.
export const STRENGTH: Record<string, string> = {
  national: '国家法律、行政法规或国务院文件', henan: '河南省的法规、规章', local: '其他市县的规定', other: '外省的规定', template: '制度范本', inferred: '县里自己定的',
}
export const NOT_LAW = '不是法定期限，县里确认'
export const LAW = '法定期限'
export const force = (statutory: boolean) => (statutory ? LAW : NOT_LAW)
export const CHANGE: Record<string, string> = { added: '新写', removed: '去掉', changed: '改为' }
/** What a tapped day may be called. */
export const FESTIVALS = ['元旦', '春节', '清明节', '劳动节', '端午节', '中秋节', '国庆节']
export const mark = (working: boolean) => (working ? '班' : '休')

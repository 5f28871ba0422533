// The 34 province-level regions as a grid of equal squares (column, row), by GB/T 2260 code; laid out for this project so
// that neighbours mostly stay neighbours. No boundaries are drawn or meant.
export interface Tile {
  code: string;
  zh: string;
  en: string;
  x: number;
  y: number;
}

const GRID: [code: string, zh: string, en: string, x: number, y: number][] = [
  ["230000", "黑", "Heilongjiang", 8, 0], ["220000", "吉", "Jilin", 8, 1], ["210000", "辽", "Liaoning", 8, 2],
  ["150000", "蒙", "Inner Mongolia", 6, 1], ["110000", "京", "Beijing", 6, 2], ["120000", "津", "Tianjin", 7, 2],
  ["130000", "冀", "Hebei", 6, 3], ["140000", "晋", "Shanxi", 5, 3], ["370000", "鲁", "Shandong", 7, 3],
  ["650000", "新", "Xinjiang", 0, 2], ["620000", "甘", "Gansu", 2, 3], ["630000", "青", "Qinghai", 1, 3], ["640000", "宁", "Ningxia", 3, 3],
  ["610000", "陕", "Shaanxi", 4, 3], ["410000", "豫", "Henan", 5, 4], ["320000", "苏", "Jiangsu", 7, 4], ["340000", "皖", "Anhui", 6, 4],
  ["310000", "沪", "Shanghai", 8, 4], ["540000", "藏", "Tibet", 1, 4], ["510000", "川", "Sichuan", 3, 4], ["500000", "渝", "Chongqing", 4, 4],
  ["420000", "鄂", "Hubei", 5, 5], ["330000", "浙", "Zhejiang", 7, 5], ["360000", "赣", "Jiangxi", 6, 5], ["430000", "湘", "Hunan", 5, 6],
  ["520000", "黔", "Guizhou", 4, 5], ["530000", "滇", "Yunnan", 3, 5], ["350000", "闽", "Fujian", 7, 6], ["710000", "台", "Taiwan", 8, 6],
  ["450000", "桂", "Guangxi", 4, 6], ["440000", "粤", "Guangdong", 6, 6], ["810000", "港", "Hong Kong", 6, 7], ["820000", "澳", "Macao", 5, 7],
  ["460000", "琼", "Hainan", 4, 8],
];

export const TILES: Tile[] = GRID.map(([code, zh, en, x, y]) => ({ code, zh, en, x, y }));

export function provinceOf(code: string): Tile | undefined {
  return TILES.find((p) => p.code.slice(0, 2) === code.slice(0, 2));
}

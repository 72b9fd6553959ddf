/** How pixels become numbers, the same for all: (p/255 − mean)/std. */
export const MEAN = 0.5
export const STD = 0.25

/** Basin's version, in run records; equal to package.json's (a test). */
export const VERSION = '0.1.0'

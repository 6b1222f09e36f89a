export const forbidden = 1;

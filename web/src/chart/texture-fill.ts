import type { Texture } from '../causes.ts';

const TILE = 8;

/** The texture as a tile that covers what lies beneath it: bars of a stack are painted over each other. */
export function textureFill(colour: string, paper: string, texture: Texture, scale: number): CanvasPattern | string {
  if (texture === 'plain') return colour;
  const size = TILE * scale;
  const tile = document.createElement('canvas');
  tile.width = size;
  tile.height = size;
  const pen = tile.getContext('2d');
  if (pen === null) return colour;
  pen.fillStyle = colour;
  pen.fillRect(0, 0, size, size);
  pen.strokeStyle = paper;
  pen.fillStyle = paper;
  pen.lineWidth = 1.5 * scale;
  pen.beginPath();
  DRAW[texture](pen, size);
  pen.stroke();
  return pen.createPattern(tile, 'repeat') ?? colour;
}

const DRAW: Readonly<Record<Exclude<Texture, 'plain'>, (pen: CanvasRenderingContext2D, size: number) => void>> = {
  rising: (pen, size) => {
    for (const shift of [-size, 0, size]) line(pen, shift, size, shift + size, 0);
  },
  falling: (pen, size) => {
    for (const shift of [-size, 0, size]) line(pen, shift, 0, shift + size, size);
  },
  level: (pen, size) => {
    line(pen, 0, size / 2, size, size / 2);
  },
  grid: (pen, size) => {
    line(pen, 0, size / 2, size, size / 2);
    line(pen, size / 2, 0, size / 2, size);
  },
  upright: (pen, size) => {
    line(pen, size / 2, 0, size / 2, size);
  },
  dots: (pen, size) => {
    pen.arc(size / 2, size / 2, size / 6, 0, 2 * Math.PI);
    pen.fill();
  },
};

function line(pen: CanvasRenderingContext2D, fromX: number, fromY: number, toX: number, toY: number): void {
  pen.moveTo(fromX, fromY);
  pen.lineTo(toX, toY);
}

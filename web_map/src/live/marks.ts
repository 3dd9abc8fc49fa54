// The textures of what has no value, one of a part, or an answer that is overdue, as on the server's drawing: distinct without colour.

type Draw = (pen: CanvasRenderingContext2D) => void;

const SIDE = 18;
const GREY = "#6b7680";

function strokes(colour: string, width: number, ...lines: readonly (readonly number[])[]): Draw {
  return (pen) => {
    pen.strokeStyle = colour;
    pen.lineWidth = width;
    for (const [x1, y1, x2, y2] of lines) {
      pen.beginPath();
      pen.moveTo(x1 ?? 0, y1 ?? 0);
      pen.lineTo(x2 ?? 0, y2 ?? 0);
      pen.stroke();
    }
  };
}

const up = [[-4, 22, 22, -4], [-4, 4, 4, -4], [14, 22, 22, 14]] as const;
const down = [[-4, -4, 22, 22], [14, -4, 22, 4], [-4, 14, 4, 22]] as const;

const DRAW: Readonly<Record<string, Draw>> = {
  no_data: strokes(GREY, 3.2, ...up),
  unreachable: strokes("#8c2d3a", 2.8, ...up, ...down),
  not_applicable: (pen) => {
    pen.fillStyle = GREY;
    pen.beginPath();
    pen.arc(SIDE / 2, SIDE / 2, 3.2, 0, 2 * Math.PI);
    pen.fill();
  },
  before_split: strokes(GREY, 3.2, [0, 9, 18, 9]),
  suppressed: strokes(GREY, 3.2, [9, 0, 9, 18]),
  overdue: strokes("#ffffff", 3.6, ...up),
  part: (pen) => {
    for (const [colour, radius] of [["#fff", 4.4], ["#22303c", 2.6]] as const) {
      pen.fillStyle = colour;
      pen.beginPath();
      pen.arc(SIDE / 2, SIDE / 2, radius, 0, 2 * Math.PI);
      pen.fill();
    }
  },
};

/** Marks through which the colour of the value is seen. */
const OVER_COLOUR = new Set(["part", "overdue"]);

/** The picture of a mark, at twice the size for sharp screens. */
export function drawMark(name: string): ImageData | null {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIDE;
  const pen = canvas.getContext("2d");
  if (!pen) return null;
  if (!OVER_COLOUR.has(name)) {
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, SIDE, SIDE);
  }
  DRAW[name]?.(pen);
  return pen.getImageData(0, 0, SIDE, SIDE);
}

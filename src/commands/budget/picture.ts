import { createRequire } from 'node:module';

/** Pixels for one of the drawing: sharp on most screens, and quickly packed. */
const zoom = 1.5;

/**
 * Draws SVG as PNG. It is drawn in another thread (some 30 ms); only packing it holds up those who wait for an answer (5 ms).
 * Throws where this machine cannot draw.
 */
export async function pngOf(svg: string): Promise<Buffer> {
  // Loaded only where it is used: it takes several MiB.
  const { renderAsync } = await import('@resvg/resvg-js');
  const require = createRequire(import.meta.url);
  const figures = require.resolve('@expo-google-fonts/oxygen/400Regular/Oxygen_400Regular.ttf');
  const picture = await renderAsync(svg, {
    fitTo: { mode: 'zoom', value: zoom },
    font: { loadSystemFonts: false, fontFiles: [figures], defaultFontFamily: 'Oxygen' },
  });
  return picture.asPng();
}

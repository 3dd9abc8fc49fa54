// Builds the page's script and style into dist/assets, with packed copies beside them, and the font
// that map pictures are set in.  Names carry a hash of the content, so they can be cached for ever.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const DIST = "dist";
const FONTS = ["400Regular/SourceSans3_400Regular.ttf", "600SemiBold/SourceSans3_600SemiBold.ttf"];

function packedCopies(): Plugin {
  return {
    name: "packed-copies",
    apply: "build",
    closeBundle() {
      const folder = join(DIST, "assets");
      for (const name of readdirSync(folder)) {
        if (!/\.(js|mjs|css|svg)$/.test(name)) continue;
        const bytes = readFileSync(join(folder, name));
        writeFileSync(join(folder, `${name}.gz`), gzipSync(bytes, { level: 9 }));
        const quality = { [constants.BROTLI_PARAM_QUALITY]: 11 };
        writeFileSync(join(folder, `${name}.br`), brotliCompressSync(bytes, { params: quality }));
      }
    },
  };
}

function pictureFont(): Plugin {
  return {
    name: "picture-font",
    apply: "build",
    closeBundle() {
      mkdirSync(join(DIST, "fonts"), { recursive: true });
      for (const font of FONTS) {
        const from = join("node_modules/@expo-google-fonts/source-sans-3", font);
        copyFileSync(from, join(DIST, "fonts", font.split("/")[1] ?? font));
      }
    },
  };
}

export default defineConfig({
  // Relative, so that the page also runs under a path of a portal's own host.
  base: "./",
  build: {
    outDir: DIST,
    target: "es2022",
    manifest: "manifest.json",
    modulePreload: false,
    // MapLibre is one large chunk by design: it is fetched after the page is usable.
    chunkSizeWarningLimit: 1200,
    rollupOptions: {
      input: { page: "src/page.ts", sw: "src/sw.ts" },
      // A service worker rules what lies below it, so it lies at the top, under a name that stays.
      output: { entryFileNames: (chunk) => (chunk.name === "sw" ? "sw.js" : "assets/[name]-[hash].js") },
    },
  },
  worker: { format: "es" },
  plugins: [packedCopies(), pictureFont()],
  test: { include: ["tests/**/*.test.ts"] },
});

// A module with `?own` is bundled into whoever imports it, and shared with no other entry.
declare module "*/tracking?own" {
  export function plainAddress(address: string): string;
}

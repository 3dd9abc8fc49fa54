"""The pages, a folder each: module, template, messages and TypeScript of its own."""

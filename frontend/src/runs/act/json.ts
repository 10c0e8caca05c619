/** What was typed as JSON: its value, or what is wrong with it. */
export function parsed(text: string): { value: unknown; error: string | null } {
  if (!text.trim()) return { value: null, error: null };
  try {
    return { value: JSON.parse(text), error: null };
  } catch (thrown) {
    return {
      value: undefined,
      error: thrown instanceof Error ? thrown.message : "This is no JSON.",
    };
  }
}

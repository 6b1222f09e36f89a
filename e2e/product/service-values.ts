/** A form's worth of values, of one name. */
export function serviceValues(name: string): { app_name: string; repo_name: string; namespace: string; db_name: string } {
  return { app_name: name, repo_name: name, namespace: name, db_name: name.replaceAll('-', '') };
}

/** A golden path that needs no system but the engine: enough for a door to accept, refuse and show runs. */
export const deployTemplate = `
apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata: { name: deploy, title: Deploy, description: A service that only says hello }
spec:
  type: service
  operation: CREATE
  blueprint: service
  identifier: \${{ parameters.app_name }}
  parameters:
    - title: Names
      required: [app_name]
      properties:
        app_name:
          type: string
          maxLength: 40
          pattern: ^[a-z]([-a-z0-9]*[a-z0-9])?$
          errorMessage: must start with a letter and hold only lower-case letters, digits and dashes
        namespace: { type: string, maxLength: 63 }
  steps:
    - { id: hello, action: debug:log, input: { message: 'Hello \${{ parameters.app_name }}' } }
`;

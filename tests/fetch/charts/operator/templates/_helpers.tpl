{{- define "operator.name" -}}
{{ .Release.Name }}-operator
{{- end -}}
{{- define "operator.labels" -}}
app.kubernetes.io/name: operator
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

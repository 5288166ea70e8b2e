module redact

go 1.27

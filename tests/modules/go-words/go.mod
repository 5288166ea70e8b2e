module gowords

go 1.23

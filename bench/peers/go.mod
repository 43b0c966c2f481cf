module github.com/pilfer-go/pilfer/bench/peers

go 1.26

require (
	github.com/RussellLuo/timingwheel v0.0.0-20220218152713-54845bda3108
	github.com/alitto/pond/v2 v2.7.1
	github.com/bytedance/gopkg v0.1.4
	github.com/exascience/pargo v1.1.0
	github.com/gammazero/workerpool v1.3.0
	github.com/jfcg/sorty/v2 v2.1.0
	github.com/noneback/go-taskflow v1.1.4
	github.com/panjf2000/ants/v2 v2.12.1
	github.com/pilfer-go/pilfer v0.0.0
	github.com/samber/lo v1.53.0
	github.com/sourcegraph/conc v0.3.0
	go.uber.org/goleak v1.3.0
	golang.org/x/sync v0.22.0
)

require (
	github.com/gammazero/deque v1.2.2 // indirect
	github.com/jfcg/sixb v1.3.8 // indirect
	go.uber.org/atomic v1.12.0 // indirect
	go.uber.org/multierr v1.9.0 // indirect
	golang.org/x/sys v0.47.0 // indirect
	golang.org/x/text v0.22.0 // indirect
)

replace github.com/pilfer-go/pilfer => ../..

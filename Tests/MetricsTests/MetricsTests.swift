// SPDX-License-Identifier: Apache-2.0
import Metrics
import Testing

struct MetricsTests {
    @Test func `the text is what Prometheus expects`() {
        let registry = MetricsRegistry()
        let requests = registry.counter("paraph_requests_total", "Requests.", labels: ["route", "status"])
        requests.increment("/v1/\"x\"\\\n", "200")
        requests.increment("/a", "404", by: 2)
        registry.gauge("paraph_depth", "Depth with \\ and\nbreak.").set(2.5)
        let histogram = registry.histogram("paraph_seconds", "Time.", labels: ["op"], buckets: [0.1, 1])
        for value in [0.05, 0.1, 0.5, 3] { histogram.observe(value, "a") }
        registry.gauge("paraph_lag", "Lag.", labels: ["lane"], read: { [.init(7, labels: ["3"])] })
        #expect(
            registry.prometheusText() == """
                # HELP paraph_depth Depth with \\\\ and\\nbreak.
                # TYPE paraph_depth gauge
                paraph_depth 2.5
                # HELP paraph_lag Lag.
                # TYPE paraph_lag gauge
                paraph_lag{lane="3"} 7
                # HELP paraph_requests_total Requests.
                # TYPE paraph_requests_total counter
                paraph_requests_total{route="/a",status="404"} 2
                paraph_requests_total{route="/v1/\\"x\\"\\\\\\n",status="200"} 1
                # HELP paraph_seconds Time.
                # TYPE paraph_seconds histogram
                paraph_seconds_bucket{op="a",le="0.1"} 2
                paraph_seconds_bucket{op="a",le="1"} 3
                paraph_seconds_bucket{op="a",le="+Inf"} 4
                paraph_seconds_sum{op="a"} 3.65
                paraph_seconds_count{op="a"} 4

                """)
    }

    @Test func `a family without series is not printed`() {
        let registry = MetricsRegistry()
        _ = registry.counter("paraph_a_total", "A.", labels: ["x"])
        #expect(registry.prometheusText().isEmpty)
    }

    @Test func `registering a name again hands out the same family`() {
        let registry = MetricsRegistry()
        registry.counter("paraph_a_total", "A.").increment()
        #expect(registry.counter("paraph_a_total", "A.").value() == 1)
    }

    @Test func `no update of many tasks is lost`() async {
        let registry = MetricsRegistry()
        let counter = registry.counter("paraph_a_total", "A.", labels: ["k"])
        let gauge = registry.gauge("paraph_b", "B.")
        let histogram = registry.histogram("paraph_c_seconds", "C.")
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for _ in 0..<5000 {
                        counter.increment("\(task % 2)")
                        gauge.add(1)
                        histogram.observe(0.01)
                    }
                }
            }
        }
        #expect(counter.value("0") == 20_000)
        #expect(counter.value("1") == 20_000)
        #expect(gauge.value() == 40_000)
        #expect(histogram.count() == 40_000)
    }
}

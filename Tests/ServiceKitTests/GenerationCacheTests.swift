// SPDX-License-Identifier: Apache-2.0
import ServiceKit
import Testing

@Suite struct GenerationCacheTests {
    @Test func `what is used stays and the cache never grows past twice its capacity`() {
        let cache = GenerationCache<Int, Int>(capacity: 10)
        cache[0] = 0
        for number in 1..<1000 {
            cache[number] = number
            #expect(cache[0] == 0)
        }
        #expect((0..<1000).filter { cache[$0] != nil }.count <= 20)
        cache[0] = nil
        #expect(cache[0] == nil)
    }
}

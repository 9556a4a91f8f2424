import AdminAPI
import Testing

@Suite struct CSVTextTests {
    @Test(arguments: [
        ("-", "-"), ("=1+1", "'=1+1"), ("-2", "'-2"), ("@x", "'@x"), ("Dr. Li", "Dr. Li"), ("", ""),
    ]) func `what begins like a formula is text, a sign alone is none`(text: String, field: String) {
        #expect(CSVText.field(text) == field)
    }
}

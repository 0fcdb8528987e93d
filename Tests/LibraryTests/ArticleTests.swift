import Testing

/// What the documentation shows is what is compiled and run here: the files in `Snippets` are the truth.
@Suite struct `The library's documentation` {
    @Test(arguments: Articles.products)
    func `What it shows is a snippet, word for word`(product: String) throws {
        let snippets = try Articles.snippets()
        let blocks = try Articles.blocks(of: product)
        #expect(!blocks.isEmpty)
        for block in blocks {
            #expect(snippets.values.contains(block), "\(product) shows what is no snippet:\n\(block)")
        }
    }

    @Test func `Every snippet is shown`() throws {
        let shown = Set(try Articles.products.flatMap { try Articles.blocks(of: $0) })
        for (name, text) in try Articles.snippets() {
            #expect(shown.contains(text), "\(name) is shown nowhere")
        }
    }

    @Test(arguments: Articles.products)
    func `A landing page is titled by its product`(product: String) throws {
        #expect(try Articles.text(of: product).hasPrefix("# ``\(product)``\n"))
    }
}

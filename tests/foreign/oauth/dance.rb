# The consumer's side of OAuth 1.0a by ruby-oauth. See README.md.
require 'json'
require 'oauth'
require 'uri'

$stdout.sync = true
task = JSON.parse($stdin.gets)
text = File.read(File.join(__dir__, 'awkward.txt'), encoding: 'UTF-8')
base = task['base']
scheme = { 'header' => :header, 'body' => :body, 'query' => :query_string }[task['placement']]
consumer_by = ->(scheme) { OAuth::Consumer.new(task['key'], task['secret'], site: base, scheme: scheme, signature_method: task['method']) }
consumer = consumer_by.call(scheme)

begin
  temporary = consumer.get_request_token(oauth_callback: task['callback'])
rescue OAuth::Unauthorized => refused
  puts JSON.generate(refused: refused.request.code.to_i, body: refused.request.body)
  exit
end

raise 'not confirmed' unless temporary.callback_confirmed?

puts JSON.generate(authorize: temporary.authorize_url)
returned = URI.decode_www_form(URI(JSON.parse($stdin.gets)['callback']).query).to_h

exchange = -> { temporary.get_access_token(oauth_verifier: returned['oauth_verifier']) }
ada = exchange.call
# A GET has no body.
reader = scheme == :body ? OAuth::AccessToken.new(consumer_by.call(:query_string), ada.token, ada.secret) : ada
read = reader.get("/me?text=#{OAuth::Helper.escape(text)}")
written = ada.post('/me', text: text)
again =
  begin
    exchange.call
    200
  rescue OAuth::Unauthorized => refused
    refused.request.code.to_i
  end
puts JSON.generate(read: read.body.force_encoding('UTF-8'), written: written.body.force_encoding('UTF-8'), again: again)

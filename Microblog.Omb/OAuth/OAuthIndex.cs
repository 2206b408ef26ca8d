using System.Runtime.InteropServices;

namespace Microblog.Omb.OAuth;

/// <summary>Where in a parameter list the OAuth parameters stand; below zero for those that do not.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct OAuthIndex
{
    public int ConsumerKey { get; private set; }

    public int Token { get; private set; }

    public int SignatureMethod { get; private set; }

    public int Signature { get; private set; }

    public int Timestamp { get; private set; }

    public int Nonce { get; private set; }

    public int Version { get; private set; }

    /// <summary>Looks them up; a refusal when one is repeated, or when they are spread over several places (OAUTH-15).</summary>
    public OAuthRefusal? Find(ParameterList parameters)
    {
        ConsumerKey = Token = SignatureMethod = Signature = Timestamp = Nonce = Version = -1;
        ParameterPlace? place = null;
        for (var i = 0; i < parameters.Count; i++)
        {
            var name = parameters.Name(i);
            if (!name.StartsWith("oauth_"u8))
                continue;

            if (OccursBefore(parameters, i))
                return OAuthRefusal.Bad(Clip(parameters.NameText(i)), "", "repeated OAuth parameter");

            if (!Note(name["oauth_".Length..], i))
                continue;

            place ??= parameters.Place(i);
            if (place != parameters.Place(i))
                return new(OAuthProblem.ParameterRejected, "OAuth parameters in several places")
                {
                    Advice = "Send all OAuth parameters in one place: header, body or query.",
                };
        }

        return null;
    }

    private static string Clip(string name) => name.Length <= 64 ? name : name[..64];

    private static bool OccursBefore(ParameterList parameters, int index)
    {
        var name = parameters.Name(index);
        for (var i = 0; i < index; i++)
        {
            if (parameters.Name(i).SequenceEqual(name))
                return true;
        }

        return false;
    }

    /// <summary>Whether it is a parameter of the specification; an unknown one is signed and otherwise ignored.</summary>
    private bool Note(ReadOnlySpan<byte> name, int index)
    {
        if (name.SequenceEqual("consumer_key"u8))
            ConsumerKey = index;
        else if (name.SequenceEqual("token"u8))
            Token = index;
        else if (name.SequenceEqual("signature_method"u8))
            SignatureMethod = index;
        else if (name.SequenceEqual("signature"u8))
            Signature = index;
        else if (name.SequenceEqual("timestamp"u8))
            Timestamp = index;
        else if (name.SequenceEqual("nonce"u8))
            Nonce = index;
        else if (name.SequenceEqual("version"u8))
            Version = index;
        else
            return name.SequenceEqual("callback"u8) || name.SequenceEqual("verifier"u8);

        return true;
    }
}

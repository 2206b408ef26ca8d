using Microblog.Omb.OAuth;

namespace Microblog.Omb;

/// <summary>Reads a form that is not signed: the query of an authorization, a callback, a decision.</summary>
internal static class FormReader
{
    private static readonly Func<string, FormField> Nothing = _ => default;

    /// <summary>The fields by name; <see langword="null"/> when there are too many.</summary>
    public static Func<string, FormField>? Read(ReadOnlySpan<byte> form)
    {
        if (form.IsEmpty)
            return Nothing;
        var builder = new ParameterListBuilder(form.Length);
        try
        {
            return builder.TryAddForm(form, ParameterPlace.Body) ? builder.Build().Find : null;
        }
        finally
        {
            builder.Dispose();
        }
    }
}
